//! Random programs of writing, rotating, crashing and looking, against the exact sequence.

use proptest::prelude::*;

use crate::sources::stand::Stand;

#[derive(Debug, Clone, Copy)]
enum Step {
    Append(usize),
    Partial,
    Rename,
    Copytruncate,
    Gzip,
    RenameAndGzip,
    Poll,
    ChunksThenCrash(usize),
    ReadInVain,
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1usize..40).prop_map(Step::Append),
        1 => Just(Step::Partial),
        2 => Just(Step::Rename),
        2 => Just(Step::Copytruncate),
        2 => Just(Step::Gzip),
        1 => Just(Step::RenameAndGzip),
        5 => Just(Step::Poll),
        2 => (0usize..4).prop_map(Step::ChunksThenCrash),
        1 => Just(Step::ReadInVain),
        2 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..40)
}

/// The writer's side of a program, as the stand does it.
struct Program {
    stand: Stand,
    /// Of a line whose end is still to come.
    partial: Option<String>,
}

impl Program {
    fn end_line(&mut self) {
        if let Some(line) = self.partial.take() {
            self.stand.write("access.log", b" end\n");
            self.stand.wrote(&format!("{line} end"));
        }
    }

    /// What rotation tears apart is two lines.
    fn tear_line(&mut self) {
        if let Some(line) = self.partial.take() {
            self.stand.wrote(&line);
        }
    }

    /// Makes room at `access.log.1`.
    fn shift(&mut self) {
        for n in (1..40).rev() {
            for end in ["", ".gz"] {
                let from = format!("access.log.{n}{end}");
                if self.stand.exists(&from) {
                    self.stand
                        .rename(&from, &format!("access.log.{}{end}", n + 1));
                }
            }
        }
    }

    fn run(&mut self, number: usize, step: Step) {
        match step {
            Step::Append(count) => {
                self.end_line();
                self.stand.append("access.log", count);
            }
            Step::Partial => {
                if self.partial.is_none() {
                    // Torn by a rotation, "line 1" is the beginning of "line 10".
                    let line = format!("partial line {number}");
                    self.stand.write("access.log", line.as_bytes());
                    self.partial = Some(line);
                }
            }
            Step::Rename | Step::RenameAndGzip if self.stand.exists("access.log") => {
                self.tear_line();
                self.shift();
                self.stand.rename("access.log", "access.log.1");
                if matches!(step, Step::RenameAndGzip) {
                    self.stand.gzip("access.log.1", "access.log.1.gz");
                }
            }
            Step::Copytruncate if self.stand.exists("access.log") => {
                self.tear_line();
                self.shift();
                self.stand.copytruncate("access.log", "access.log.1");
            }
            Step::Gzip => {
                for n in 1..40 {
                    let name = format!("access.log.{n}");
                    if self.stand.exists(&name) {
                        self.stand.gzip(&name, &format!("{name}.gz"));
                        break;
                    }
                }
            }
            Step::Poll => self.stand.poll(1),
            Step::ChunksThenCrash(count) => {
                for _ in 0..count {
                    self.stand.step(true);
                }
                self.stand.restart();
            }
            Step::ReadInVain => {
                self.stand.read_in_vain();
                self.stand.restart();
            }
            Step::Crash => self.stand.restart(),
            Step::Rename | Step::RenameAndGzip | Step::Copytruncate => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_and_nothing_doubled(steps in steps()) {
        let mut program = Program { stand: Stand::new(), partial: None };
        for (number, step) in steps.into_iter().enumerate() {
            program.run(number, step);
        }
        program.end_line();
        program.stand.expect_all();
        program.stand.restart();
        program.stand.expect_all();
    }
}
