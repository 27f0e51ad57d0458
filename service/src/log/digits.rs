//! Numbers in a line, without the machinery of `format!`: a line is written for every request.

/// Adds `number` in decimal, with zeros in front up to `width` digits (at most 20).
pub fn push(text: &mut String, mut number: u64, width: usize) {
    const LONGEST: usize = 20;
    let mut digits = ['0'; LONGEST];
    let mut first = LONGEST;
    while number > 0 {
        first -= 1;
        digits[first] = char::from(b'0' + u8::try_from(number % 10).unwrap_or_default());
        number /= 10;
    }
    first = first.min(LONGEST - width.clamp(1, LONGEST));
    text.extend(&digits[first..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pushed(number: u64, width: usize) -> String {
        let mut text = String::new();
        push(&mut text, number, width);
        text
    }

    proptest! {
        #[test]
        fn as_format_writes_it(number in any::<u64>(), size in 0_u32..64, width in 0_usize..=20) {
            let number = number >> size;
            prop_assert_eq!(pushed(number, width), format!("{number:0width$}"));
        }
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!(pushed(0, 0), "0");
        assert_eq!(pushed(0, 3), "000");
        assert_eq!(pushed(u64::MAX, 1), u64::MAX.to_string());
    }
}
