//! The one thing on the page that moves time: it owns the session and the only animation-frame closure.
//!
//! Each frame it lets the session advance by the real time that passed, never by much at once, and tells the page what
//! changed. A hidden tab gets no frames, which is a pause.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use view::Snapshot;
use wasm_bindgen::prelude::{Closure, JsCast};
use yew::Callback;

use crate::session::{Clock, ConsoleLine, Session};
use crate::time::Timeline;

/// The most real time that one frame lets pass.
const LONGEST_FRAME_MS: u32 = 100;

/// What changed since the frame before.
#[derive(Default)]
pub struct Frame {
    /// The cluster's picture, if it is another.
    pub snapshot: Option<Rc<Snapshot>>,
    /// The clock, if it shows something else.
    pub clock: Option<Clock>,
    /// The timeline, if it says something else.
    pub timeline: Option<Rc<Timeline>>,
    /// What the console printed.
    pub console: Vec<ConsoleLine>,
    /// Whether the time asked for with [`Driver::remind`] has passed.
    pub reminded: bool,
}

/// The closure that is called each frame, once it exists.
type FrameClosure = RefCell<Option<Closure<dyn FnMut(f64)>>>;

struct Inner {
    session: RefCell<Session>,
    on_frame: Callback<Frame>,
    last: RefCell<Last>,
    /// Milliseconds until the reminder.
    reminder: Cell<Option<u32>>,
}

#[derive(Default)]
struct Last {
    frame_ms: Option<f64>,
    revision: Option<(u64, u64, u64)>,
    clock: Option<Clock>,
    timeline: Option<(u64, u64, u64, u64)>,
}

/// Drives a session. A clone drives the same one.
#[derive(Clone)]
pub struct Driver {
    inner: Rc<Inner>,
}

impl Driver {
    /// Drives this session from the next frame on.
    pub fn start(session: Session, on_frame: Callback<Frame>) -> Self {
        let inner = Rc::new(Inner {
            session: RefCell::new(session),
            on_frame,
            last: RefCell::default(),
            reminder: Cell::new(None),
        });
        // The closure asks for itself again each frame, so it must be able to reach itself.
        let itself: Rc<FrameClosure> = Rc::default();
        let (weak, again) = (Rc::downgrade(&inner), itself.clone());
        *itself.borrow_mut() = Some(Closure::new(move |now_ms| {
            let Some(inner) = weak.upgrade() else {
                return;
            };
            inner.frame(now_ms);
            request(&again);
        }));
        request(&itself);
        Self { inner }
    }

    /// Does something with the session. What changes shows at the next frame.
    pub fn with<T>(&self, act: impl FnOnce(&mut Session) -> T) -> T {
        act(&mut self.inner.session.borrow_mut())
    }

    /// Another session in place of this one.
    pub fn replace(&self, session: Session) {
        *self.inner.session.borrow_mut() = session;
        *self.inner.last.borrow_mut() = Last::default();
    }

    /// Asks for a frame that says so, that much later. A later call puts it off.
    pub fn remind(&self, after_ms: u32) {
        self.inner.reminder.set(Some(after_ms));
    }
}

impl Inner {
    fn frame(&self, now_ms: f64) {
        // A session that panicked in somebody's hands stays borrowed; the page has said so.
        let (Ok(mut last), Ok(mut session)) = (self.last.try_borrow_mut(), self.session.try_borrow_mut()) else {
            return;
        };
        let elapsed_ms = last.frame_ms.map_or(0, |before| (now_ms - before).max(0.0) as u32).min(LONGEST_FRAME_MS);
        // Keep the part of a millisecond that was not counted.
        let counted = last.frame_ms.map_or(now_ms, |before| before + f64::from(elapsed_ms));
        last.frame_ms = Some(if now_ms - counted > f64::from(LONGEST_FRAME_MS) { now_ms } else { counted });
        let mut frame = Frame { reminded: self.reminder_is_due(elapsed_ms), ..Frame::default() };
        session.advance(elapsed_ms);
        frame.console = session.take_console();
        let revision = session.revision();
        if last.revision != Some(revision) {
            last.revision = Some(revision);
            frame.snapshot = Some(session.snapshot());
        }
        let clock = session.clock();
        if last.clock.is_none_or(|before| shows_otherwise(before, clock)) {
            last.clock = Some(clock);
            frame.clock = Some(clock);
        }
        let told = session.timeline_revision();
        if last.timeline != Some(told) {
            last.timeline = Some(told);
            frame.timeline = Some(Rc::new(session.timeline()));
        }
        drop(session);
        drop(last);
        let changed =
            frame.snapshot.is_some() || frame.clock.is_some() || frame.timeline.is_some() || !frame.console.is_empty();
        if changed || frame.reminded {
            self.on_frame.emit(frame);
        }
    }

    fn reminder_is_due(&self, elapsed_ms: u32) -> bool {
        let Some(left) = self.reminder.get() else { return false };
        let left = left.saturating_sub(elapsed_ms);
        self.reminder.set((left > 0).then_some(left));
        left == 0
    }
}

/// The clock shows tenths of a second; a smaller difference is not worth a new picture.
fn shows_otherwise(before: Clock, now: Clock) -> bool {
    let shown = |clock: Clock| Clock { now_ms: clock.now_ms / 100, end_ms: clock.end_ms / 100, ..clock };
    shown(before) != shown(now)
}

fn request(closure: &FrameClosure) {
    if let Some(closure) = &*closure.borrow() {
        let asked = gloo::utils::window().request_animation_frame(closure.as_ref().unchecked_ref());
        debug_assert!(asked.is_ok(), "a window gives frames");
    }
}
