//! The figures that the project has set itself, beside what was measured. Nothing fails on them: machines differ.

/// One measured figure.
pub(crate) struct Figure {
    /// `P1`, as in docs/PERFORMANCE.md.
    pub(crate) goal: &'static str,
    pub(crate) what: String,
    pub(crate) wanted: &'static str,
    pub(crate) measured: String,
}

#[derive(Default)]
pub(crate) struct Goals(Vec<Figure>);

impl Goals {
    pub(crate) fn add(
        &mut self,
        goal: &'static str,
        what: impl Into<String>,
        wanted: &'static str,
        measured: impl Into<String>,
    ) {
        self.0.push(Figure {
            goal,
            what: what.into(),
            wanted,
            measured: measured.into(),
        });
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let row = |goal: &str, what: &str, wanted: &str, measured: &str| {
            format!("{goal:<4} {what:<76} {wanted:>12} {measured:>12}")
        };
        let mut figures: Vec<&Figure> = self.0.iter().collect();
        figures.sort_by_key(|figure| figure.goal.trim_start_matches('P').parse().unwrap_or(0_u32));
        let mut lines = vec![row("", "", "goal", "measured")];
        for figure in figures {
            lines.push(row(
                figure.goal,
                &figure.what,
                figure.wanted,
                &figure.measured,
            ));
        }
        lines
    }
}
