//! Long answers, a page at a time.

use chrono::{DateTime, Datelike, Utc};

use super::outcome::{FhirResult, Outcome};
use super::search::Asked;

const USUAL: usize = 50;
const MOST: usize = 200;

/// Which part of the answer is asked for.
#[derive(Clone, Debug)]
pub struct Page {
    pub count: usize,
    pub after: Option<Cursor>,
}

/// A place in an answer: everything is ordered by a time and then an id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub at: DateTime<Utc>,
    pub id: String,
}

impl Page {
    /// The page asked for with `_count` and the cursor of a `next` link.
    pub fn read(asked: &Asked) -> FhirResult<Self> {
        let count = match asked.one("_count")? {
            None => USUAL,
            Some(count) => match count.parse::<u32>() {
                Ok(count) if count > 0 => usize::try_from(count).unwrap_or(MOST).min(MOST),
                _ => return Err(Outcome::value("_count", "Please give a whole number from 1.")),
            },
        };
        let after = asked.one("_cursor")?;
        let after = after.map(|text| Cursor::read(&text).ok_or_else(stale)).transpose()?;
        Ok(Self { count, after })
    }

    /// One more than fits shows whether there is a next page.
    pub fn limit(&self) -> usize {
        self.count + 1
    }

    /// What comes after the cursor and fits, of `items` in order; and where the
    /// next page begins, if there is one.
    pub fn cut<T>(&self, items: Vec<T>, place: impl Fn(&T) -> Cursor) -> (Vec<T>, Option<Cursor>) {
        let mut items: Vec<T> =
            items.into_iter().filter(|item| self.after.as_ref().is_none_or(|after| place(item) > *after)).collect();
        let more = items.len() > self.count;
        items.truncate(self.count);
        let next = items.last().filter(|_| more).map(place);
        (items, next)
    }
}

/// What to say of a cursor that was not given out here.
pub fn stale() -> Outcome {
    Outcome::value("_cursor", "Please follow the links of an answer as they are.")
}

impl Cursor {
    /// The place of something that has no time.
    pub fn of_id(id: impl ToString) -> Self {
        Self { at: DateTime::UNIX_EPOCH, id: id.to_string() }
    }

    pub fn written(&self) -> String {
        format!("{}~{}", self.at.timestamp_micros(), self.id)
    }

    fn read(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('~')?;
        let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
        // Other years are no times to the database.
        (1..=9_999).contains(&at.year()).then(|| Self { at, id: id.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(count: usize, after: Option<usize>) -> Page {
        Page { count, after: after.map(Cursor::of_id) }
    }

    #[test]
    fn pages_together_hold_everything_once() {
        let cut = |page: Page| page.cut((0..5).collect(), |item: &usize| Cursor::of_id(item));
        let (first, next) = cut(page(2, None));
        assert_eq!((first, next), (vec![0, 1], Some(Cursor::of_id(1))));
        let (last, none) = cut(page(9, Some(1)));
        assert_eq!((last, none), (vec![2, 3, 4], None));
        assert_eq!(cut(page(3, Some(1))).1, None, "a page that is just full is the last");
    }

    #[test]
    fn a_cursor_reads_back() {
        let at = "2026-11-24T14:00:00.000001Z".parse().unwrap();
        let cursor = Cursor { at, id: "ab-c.d".into() };
        assert_eq!(Cursor::read(&cursor.written()), Some(cursor));
        for nonsense in ["", "~", "1", "x~y", "99999999999999999999~a", "-99999999999999999~a"] {
            assert_eq!(Cursor::read(nonsense), None, "{nonsense}");
        }
    }
}
