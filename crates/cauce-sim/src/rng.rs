//! Where all chance in the simulator comes from: one seed, one sequence.

use cauce_core::ids::hash64;

/// A sequence of numbers that a seed names.
#[derive(Clone, Debug)]
pub struct Rng {
    seed: u64,
    drawn: u64,
}

impl Rng {
    /// The sequence of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Rng {
        Rng { seed, drawn: 0 }
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.drawn += 1;
        hash64(&[&self.seed.to_le_bytes(), &self.drawn.to_le_bytes()])
    }

    /// A number below `bound`, which is at least 1.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound.max(1) as u64) as usize
    }

    /// True so many times in a thousand.
    pub fn per_mille(&mut self, chance: u32) -> bool {
        self.draw() % 1_000 < u64::from(chance)
    }

    /// One of several.
    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// A place in a list of weights.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let sum: u32 = weights.iter().sum();
        let mut drawn = self.below(sum as usize) as u32;
        for (place, weight) in weights.iter().enumerate() {
            if drawn < *weight {
                return place;
            }
            drawn -= weight;
        }
        0
    }
}
