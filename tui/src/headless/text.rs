//! Tables for people: columns as wide as their widest cell, counted in terminal cells.

use hello_cloud::text::width;

/// Rows as lines, columns two spaces apart. The last column is not padded.
pub fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(wide - width(cell) + 2));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// A row of fixed words.
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_also_with_wide_characters() {
        let lines = table(&[row(["NAME", "STATE"]), row(["東京", "up"]), row(["x", "a long one"])]);
        assert_eq!(lines, ["NAME  STATE", "東京  up", "x     a long one"]);
    }

    #[test]
    fn nothing_is_no_lines() {
        assert!(table(&[]).is_empty());
    }
}
