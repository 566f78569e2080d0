//! Randomness is passed in.

/// Fills buffers with random bytes fit for secrets.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's generator, through `rand`'s.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[allow(clippy::disallowed_methods)] // the one place that draws from the machine
    fn fill(&self, buffer: &mut [u8]) {
        rand::Rng::fill_bytes(&mut rand::rng(), buffer);
    }
}

/// A delay between three and five quarters of `delay`: what failed together is not tried again together.
pub(crate) fn jitter(entropy: &dyn Entropy, delay: i64) -> i64 {
    let mut random = [0u8; 4];
    entropy.fill(&mut random);
    let part = i64::from(u32::from_le_bytes(random) % 1_001);
    // Of the half that may vary, `part` thousandths.
    let (least, half) = (delay - delay / 4, delay / 2);
    least.saturating_add(half / 1_000 * part + half % 1_000 * part / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(u8);

    impl Entropy for Bytes {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn jitter_stays_within_a_quarter() {
        assert_eq!(jitter(&Bytes(0), 5_000), 3_750);
        for byte in 0..=255 {
            let delay = jitter(&Bytes(byte), 3_600_000);
            assert!((2_700_000..=4_500_000).contains(&delay), "{delay}");
        }
        assert_ne!(jitter(&Bytes(1), 5_000), jitter(&Bytes(9), 5_000));
    }
}
