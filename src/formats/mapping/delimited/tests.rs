//! Rows with quotes, headers that return, and tabs.

use super::*;

fn rows(style: Style) -> Rows {
    Rows {
        style,
        quotes: true,
        header: true,
        least: 1,
        most: usize::MAX,
        columns: Vec::new(),
    }
}

fn read(rows: &Rows, lines: &[&str], wanted: &[&str]) -> Vec<String> {
    let mut keys = Keys::new(rows.style == Style::W3c);
    let slots: Vec<_> = wanted.iter().map(|name| keys.slot(name)).collect();
    let mut columns = Columns::of(rows, &keys);
    let mut found = Vec::new();
    for line in lines {
        let mut cells = Cells::recycled(Cells::default(), keys.count());
        match rows.read(line.as_bytes(), &keys, &mut columns, &mut cells) {
            Ok(Line::Header | Line::Comment) => {}
            Err(why) => found.push(why.to_owned()),
            Ok(Line::Row) => {
                let text = |slot| String::from_utf8_lossy(&cells.text(slot)).into_owned();
                let texts: Vec<String> = slots.iter().map(|slot| text(*slot)).collect();
                found.push(texts.join("|"));
            }
        }
    }
    found
}

#[test]
fn csv_rows_with_quotes_and_a_header_that_returns() {
    let csv = rows(Style::Csv(b','));
    let lines = [
        "x,y",
        "\"time\",user,url",
        "1,\"a \"\"b\"\", c\",http://a/",
        "2, \"d\" ,\"e",
        "url,time,user",
        "http://b/,3,f,more",
    ];
    assert_eq!(
        read(&csv, &lines, &["time", "user", "url", "@1"]),
        [
            "no line before this row names its columns",
            "1|a \"b\", c|http://a/|1",
            "a quote that does not end",
            "3|f|http://b/|http://b/"
        ]
    );
}

#[test]
fn w3c_rows_follow_their_header() {
    let lines = [
        "2026-11-02 10:11:12 x",
        "#Software: SGOS",
        "#Fields: date time cs(User-Agent) c-ip  sc-status",
        "2026-11-02 10:11:12 \"a \"b\"c\"  192.0.2.7 200",
        "2026-11-02 10:11:12 x 192.0.2.7",
        "#Fields: c-ip\tclient agent\tcs(user-agent)",
        "192.0.2.8\t\ta b",
        "#Fields: c-ip cs(User-Agent)",
        "192.0.2.9 c",
        "#Fields: c-ip cs(User-Agent)",
        "192.0.2.9 d",
        "#Fields: cs(User-Agent) c-ip",
        "e 192.0.2.9",
        "#Fields: c-ip cs(User-Agent)",
        "192.0.2.9 f",
    ];
    assert_eq!(
        read(&rows(Style::W3c), &lines, &["c-ip", "cs(User-Agent)"]),
        [
            "no line before this row names its columns",
            "192.0.2.7|a \"b\"c",
            "fewer columns than there should be",
            "192.0.2.8|a b",
            "192.0.2.9|c",
            "192.0.2.9|d",
            "192.0.2.9|e",
            "192.0.2.9|f"
        ]
    );
}
