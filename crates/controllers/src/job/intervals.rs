//! Sets of completion indexes, written as `0-3,5`. Models: orderedIntervals in indexed_job_utils.go.

use std::fmt;

/// A set of indexes as sorted intervals with gaps between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Intervals(Vec<(i32, i32)>);

impl Intervals {
    /// Reads a status field; what is beyond the last index or makes no sense is left out.
    pub(super) fn parse(text: &str, completions: i32) -> Self {
        let mut all = Intervals::default();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (Ok(first), Ok(last)) = (first.parse::<i32>(), last.parse::<i32>()) else { continue };
            if first >= completions {
                break;
            }
            all.push((first, last.min(completions - 1)));
        }
        all
    }

    /// Puts an interval that does not start before the last one at the end.
    fn push(&mut self, (first, last): (i32, i32)) {
        match self.0.last_mut() {
            Some(end) if first <= end.1.saturating_add(1) => end.1 = end.1.max(last),
            _ => self.0.push((first, last)),
        }
    }

    /// These and those.
    pub(super) fn merge(&self, other: &Intervals) -> Intervals {
        let mut sorted: Vec<(i32, i32)> = self.0.iter().chain(&other.0).copied().collect();
        sorted.sort_unstable();
        let mut all = Intervals::default();
        sorted.into_iter().for_each(|interval| all.push(interval));
        all
    }

    /// These and single indexes.
    pub(super) fn with(&self, indexes: impl IntoIterator<Item = i32>) -> Intervals {
        self.merge(&Intervals(indexes.into_iter().map(|index| (index, index)).collect()))
    }

    pub(super) fn total(&self) -> i32 {
        self.0.iter().map(|(first, last)| last - first + 1).sum()
    }

    pub(super) fn has(&self, index: i32) -> bool {
        let at = self.0.partition_point(|(_, last)| *last < index);
        self.0.get(at).is_some_and(|(first, _)| *first <= index)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many indexes are in both.
    pub(super) fn common(&self, other: &Intervals) -> i32 {
        let (mut count, mut others) = (0, other.0.iter().peekable());
        for (first, last) in &self.0 {
            while let Some((start, end)) = others.peek() {
                count += (*last.min(end) - *first.max(start) + 1).max(0);
                if end > last {
                    break;
                }
                others.next();
            }
        }
        count
    }

    /// The first `count` indexes below `end` that are not in here.
    pub(super) fn gaps(&self, count: usize, end: i32) -> Vec<i32> {
        let mut found = Vec::new();
        let mut candidate = 0;
        for (first, last) in self.0.iter().copied().chain([(end, end)]) {
            while candidate < first.min(end) && found.len() < count {
                found.push(candidate);
                candidate += 1;
            }
            candidate = candidate.max(last.saturating_add(1));
        }
        found
    }
}

impl fmt::Display for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (first, last)) in self.0.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            write!(f, "{comma}{first}")?;
            match last - first {
                0 => {}
                1 => write!(f, ",{last}")?,
                _ => write!(f, "-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_indexes() {
        let parse = |text| Intervals::parse(text, 10);
        assert_eq!(parse("").to_string(), "");
        assert_eq!(parse("0,1,2,4,6,7").to_string(), "0-2,4,6,7");
        assert_eq!(parse("3-5,x,8-20,30").to_string(), "3-5,8,9");
        assert_eq!(parse("0,4").with([2, 3, 7]).to_string(), "0,2-4,7");
        assert_eq!(parse("0-3,6-8").total(), 7);
        assert!(parse("0-3,6").has(6) && !parse("0-3,6").has(5));
        assert_eq!(parse("1-2,4").gaps(4, 10), [0, 3, 5, 6]);
        assert_eq!(parse("0-8").gaps(4, 10), [9]);
        assert_eq!(parse("0-9").gaps(4, 10), [] as [i32; 0]);
        assert_eq!(parse("0-3,5-6").common(&parse("2-5,8")), 3);
        assert_eq!(parse("0,2,4").common(&parse("0-9")), 3);
    }
}
