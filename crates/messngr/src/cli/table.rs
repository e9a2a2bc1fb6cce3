use comfy_table::{Cell, Table, presets::NOTHING};

/// The space between two columns.
const GAP: u16 = 2;

/// Rows under a heading, in aligned columns without lines, so that other programs can cut them. A row is one line
/// whatever is in it; an empty table has no heading either.
pub(super) fn table<const COLUMNS: usize>(
    heading: [&str; COLUMNS],
    rows: impl IntoIterator<Item = [String; COLUMNS]>,
) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(heading);
    for row in rows {
        table.add_row(row.map(|text| Cell::new(one_line(&text))));
    }
    if table.is_empty() {
        return String::new();
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// Names and what they stand for, one a line. Those that stand for nothing are left out.
pub(super) fn fields(fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:width$}  {}\n", one_line(value));
    fields.iter().filter(|(_, value)| !value.is_empty()).map(line).collect()
}

/// The text without what would break the line or the terminal.
pub(super) fn one_line(text: &str) -> String {
    domain::displayable(text).replace(['\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(one: &str, two: &str) -> [String; 2] {
        [one.to_owned(), two.to_owned()]
    }

    #[test]
    fn columns_are_aligned_also_with_wide_letters_and_nothing_hangs_over() {
        let text = table(["name", "text"], [row("anna", "x"), row("日本", "y"), row("b", "")]);
        assert_eq!(text, "name  text\nanna  x\n日本  y\nb\n");
    }

    #[test]
    fn what_a_stranger_wrote_stays_in_its_line_and_does_not_reach_the_terminal() {
        let text = table(["a", "b"], [row("x\n\u{1b}[31my", "z")]);
        assert_eq!(text, "a        b\nx [31my  z\n");
    }

    #[test]
    fn fields_are_aligned_and_empty_ones_left_out() {
        let text =
            fields(&[("name", "anna".to_owned()), ("text", String::new()), ("address", "x".to_owned())]);
        assert_eq!(text, "name     anna\naddress  x\n");
    }

    #[test]
    fn long_rows_are_not_cut_and_an_empty_table_is_nothing() {
        let long = "x".repeat(500);
        assert!(table(["a", "b"], [row(&long, "y")]).contains(&long));
        assert_eq!(table(["a", "b"], []), "");
    }
}
