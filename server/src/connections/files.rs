//! The number of connections that the operating system lets this process have.

use crate::config::ConfigError;

/// Files and sockets that are no connections of callers: the log, the database's files, the metrics, connections that leave.
const RESERVED: u64 = 256;
/// With fewer connections a browser and a proxy are in each other's way.
const LEAST: u64 = 16;
/// Connections unless something else is asked for. Each may hold 32 KiB of an unfinished head.
const USUAL: u64 = 10_000;

/// Raises the limit of open files as far as the system allows, and finds how many connections fit under it beside those to the
/// database; no more than are `asked` for.
///
/// # Errors
/// When more are asked for than fit, or the limit leaves no room for any.
pub(crate) fn find_bound(asked: Option<u32>, to_database: u32) -> Result<usize, ConfigError> {
    // Where it cannot be raised it stays as it is; where it cannot be read, what is usual fits.
    let limit = rlimit::increase_nofile_limit(u64::MAX).or_else(|_| rlimit::Resource::NOFILE.get_soft());
    let limit = limit.unwrap_or(USUAL + RESERVED + u64::from(to_database));
    let bound = bound(limit, asked, to_database)?;
    tracing::info!(connections = bound, open_files = limit, "connections at once, and the limit of open files");
    Ok(bound)
}

fn bound(limit: u64, asked: Option<u32>, to_database: u32) -> Result<usize, ConfigError> {
    let room = limit.saturating_sub(RESERVED + u64::from(to_database));
    let wrong = |problem| ConfigError {
        variable: "MAX_CONNECTIONS",
        problem,
        expected: "a number of connections that fits under the limit of open files (ulimit -n, LimitNOFILE)",
    };
    if room < LEAST {
        return Err(wrong(format!(
            "this process may open {limit} files, of which it needs {RESERVED} beside the database"
        )));
    }
    let asked = asked.map(u64::from);
    if let Some(asked) = asked.filter(|asked| *asked > room) {
        return Err(wrong(format!("“{asked}” is too many: there is room for {room}")));
    }
    Ok(usize::try_from(asked.unwrap_or(USUAL.min(room))).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_leaves_room_for_everything_else() {
        assert_eq!(bound(1_000_000, None, 16), Ok(10_000));
        assert_eq!(bound(1_024, None, 16), Ok(752));
        assert_eq!(bound(1_024, Some(752), 16), Ok(752));
        assert_eq!(bound(1_000_000, Some(50_000), 16), Ok(50_000));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (limit, asked) in [(1_024, Some(753)), (256, None), (287, Some(16))] {
            assert_eq!(bound(limit, asked, 16).unwrap_err().variable, "MAX_CONNECTIONS", "{limit}");
        }
    }
}
