//! How far a word is from the one that was probably meant.

/// Whether `word` is `meant`, give or take one typo for a middling word and two
/// for a long one.
pub fn resembles(word: &str, meant: &str) -> bool {
    if word == meant {
        return true;
    }
    let length = meant.chars().count();
    let allowed = match length {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    };
    same_start(word, meant) && word.chars().count() + 1 >= length.min(5) && distance(word, meant) <= allowed
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a`
/// into `b`; at least 9 for words too long to bother with.
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 3 || a.len() > 24 || b.len() > 24 {
        return 9;
    }
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = match (i, j) {
                (i, 0) => i,
                (0, j) => j,
                _ => step(&rows, &a, &b, i, j),
            };
        }
    }
    rows[a.len()][b.len()]
}

fn step(rows: &[Vec<usize>], a: &[char], b: &[char], i: usize, j: usize) -> usize {
    let change = usize::from(a[i - 1] != b[j - 1]);
    let plain = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
    let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
    if swapped { plain.min(rows[i - 2][j - 2] + 1) } else { plain }
}

// Typos seldom hit the first letter, and "message" is not "massage" by chance.
fn same_start(a: &str, b: &str) -> bool {
    a.chars().next() == b.chars().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_letters_are_one_typo() {
        assert_eq!(distance("tuseday", "tuesday"), 1);
        assert!(resembles("wensday", "wednesday"));
        assert!(resembles("hiarcut", "haircut"));
        assert!(!resembles("sundae", "monday"));
        assert!(!resembles("fine", "fire"));
    }
}
