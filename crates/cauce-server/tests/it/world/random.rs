//! Small reproducible randomness.

/// Numbers that follow from a seed (SplitMix64).
pub struct Random(u64);

impl Random {
    /// A new seed, or the one in `CAUCE_SEED`; printed, so that a failure can be played again.
    pub fn seeded(test: &str) -> Random {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let fresh = now.as_nanos() as u64;
        let seed = std::env::var("CAUCE_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or(fresh);
        println!("{test}: CAUCE_SEED={seed}");
        Random(seed)
    }

    /// The next number below `sides`.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}
