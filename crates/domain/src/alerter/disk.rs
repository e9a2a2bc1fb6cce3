use super::{ConditionKind, Details};
use crate::Severity;

/// How much room a disk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpace {
    /// The bytes that are free.
    pub free: u64,
    /// All of them.
    pub whole: u64,
}

/// How much room is too little: the larger of both counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskLimits {
    /// In bytes.
    pub free_bytes_min: u64,
    /// In hundredths of the disk.
    pub free_percent_min: u8,
}

impl DiskLimits {
    /// How much it matters that there is so little room; nothing where there is enough. A disk that is filling
    /// already has enough only when it has a tenth more than the limit.
    pub fn judge(self, space: DiskSpace, is_filling: bool) -> Option<Severity> {
        let percent = u128::from(space.whole) * u128::from(self.free_percent_min) / 100;
        // A disk that is hardly larger than the limit itself is not always full.
        let bytes = u128::from(self.free_bytes_min).min(u128::from(space.whole) / 4);
        let limit = percent.max(bytes);
        let free = u128::from(space.free);
        let enough = if is_filling { limit + limit / 10 } else { limit };
        if free >= enough || space.whole == 0 {
            return None;
        }
        Some(if free < limit / 5 { Severity::Severe } else { ConditionKind::DiskFilling.severity() })
    }
}

impl From<DiskSpace> for Details {
    fn from(DiskSpace { free, whole }: DiskSpace) -> Self {
        Self::Space { free, whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const LIMITS: DiskLimits = DiskLimits { free_bytes_min: GIB, free_percent_min: 10 };

    fn judged(free: u64, whole: u64, is_filling: bool) -> Option<Severity> {
        LIMITS.judge(DiskSpace { free, whole }, is_filling)
    }

    #[test]
    fn the_larger_limit_counts_and_a_small_disk_is_not_always_full() {
        assert_eq!(judged(9 * GIB, 100 * GIB, false), Some(Severity::Moderate));
        assert_eq!(judged(10 * GIB, 100 * GIB, false), None);
        assert_eq!(judged(GIB - 1, 6 * GIB, false), Some(Severity::Moderate));
        assert_eq!(judged(GIB / 4, GIB / 2, false), None);
        assert_eq!(judged(0, 0, false), None, "what has no room at all is no disk");
    }

    #[test]
    fn little_more_than_the_limit_is_not_yet_enough_and_nearly_nothing_is_worse() {
        assert_eq!(judged(10 * GIB, 100 * GIB, true), Some(Severity::Moderate));
        assert_eq!(judged(11 * GIB, 100 * GIB, true), None);
        assert_eq!(judged(GIB, 100 * GIB, true), Some(Severity::Severe));
        assert_eq!(judged(u64::MAX, u64::MAX, true), None);
    }
}
