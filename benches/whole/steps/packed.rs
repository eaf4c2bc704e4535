//! The whole job on packed logs, against unpacking alone (P6).

use crate::bench::{Bench, is_installed, runner, two_places};
use crate::rounds::remove_database;
use crate::stock::{Packing, SQUID, packed};

pub(super) fn measure(bench: &mut Bench) -> anyhow::Result<()> {
    // A packed log is large enough when it takes a second to unpack.
    let log = bench.stock.log(SQUID, bench.sizes.others)?;
    let database = bench.stock.scratch("packed.db");
    for (packing, program, ending, wanted) in [
        (Packing::Gzip, "gzip", "gz", "<= 0.5"),
        (Packing::Zstd, "zstd", "zst", "<= 1.2"),
    ] {
        let packed = packed(&log, packing)?;
        bench.headline(&format!("squid, {} lines, as .{ending}", log.lines));
        let mut runners = vec![
            Bench::wc(&log.path),
            bench.scan("gnomon scan, 1 worker", &packed, 1, &database),
        ];
        let unpacking = format!("{program} -dc");
        if is_installed(program) {
            let path = packed.display().to_string();
            runners.push(runner(&unpacking, &[program, "-dc", &path]));
        } else {
            let note = format!("{program} is not installed: nothing to compare .{ending} with");
            bench.table.note(note);
        }
        let medians = bench.compare(log.bytes, &runners)?;
        bench.stock.check(&database, &log)?;
        if let Some(alone) = medians.get(2) {
            let share = medians[1].usage.cores().as_secs_f64() / alone.usage.cores().as_secs_f64();
            let what = format!("CPU of a scan of .{ending} against {unpacking}");
            bench.goal("P6", &what, wanted, two_places(share));
        }
    }
    remove_database(&database);
    Ok(())
}
