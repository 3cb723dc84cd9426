//! Fair share of a generation's shards.

use uuid::Uuid;

use crate::tables::workers::Worker;

/// Returns how many shards of a generation a worker should own.
///
/// All workers that know the generation get as many, and some one more. Who gets more differs between
/// generations, so that those with a single shard are not all on one worker.
pub(crate) fn share(worker: Uuid, living: &[Worker], generation: &str, shards: u16) -> u16 {
    let knowing: Vec<Uuid> = living
        .iter()
        .filter(|other| other.id == worker || other.knows.iter().any(|name| name == generation))
        .map(|other| other.id)
        .collect();
    let count = knowing.len().max(1);
    let Some(place) = knowing.iter().position(|id| *id == worker) else {
        // Its own sign of life is not seen yet.
        return 0;
    };
    let turned = (place + spread(generation)) % count;
    let shards = usize::from(shards);
    (shards / count + usize::from(turned < shards % count)) as u16
}

/// Number that differs between names: FNV-1a, which is the same in every build.
fn spread(name: &str) -> usize {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 33) as usize
}

#[cfg(test)]
mod tests {
    use super::{Worker, share};
    use uuid::Uuid;

    fn workers(count: u128) -> Vec<Worker> {
        let worker = |id| Worker {
            id: Uuid::from_u128(id),
            knows: vec!["a/1".to_owned(), "b/1".to_owned()],
        };
        (1..=count).map(worker).collect()
    }

    #[test]
    fn shares_add_up_and_differ_by_one_at_most() {
        for count in 1..7 {
            for shards in [1, 2, 4, 16, 256] {
                let living = workers(count);
                let shares: Vec<_> = living
                    .iter()
                    .map(|worker| share(worker.id, &living, "a/1", shards))
                    .collect();
                assert_eq!(shares.iter().sum::<u16>(), shards);
                let (least, most) = (shares.iter().min(), shares.iter().max());
                assert!(most.unwrap() - least.unwrap() <= 1, "{shares:?}");
            }
        }
    }

    #[test]
    fn workers_that_do_not_know_a_generation_have_no_share() {
        let mut living = workers(2);
        living[1].knows.clear();
        assert_eq!(share(living[0].id, &living, "a/1", 16), 16);
    }

    #[test]
    fn worker_that_is_not_seen_yet_takes_nothing() {
        assert_eq!(share(Uuid::from_u128(9), &workers(2), "a/1", 16), 0);
    }
}
