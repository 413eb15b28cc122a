//! Amounts on the wire.

use rust_decimal::Decimal;

/// An amount as text: without the zeros that the database's four places add, but with at least two places.
pub(crate) fn decimal(amount: Decimal) -> String {
    let mut shown = amount.normalize();
    if shown.scale() < 2 {
        shown.rescale(2);
    }
    shown.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_places_or_as_many_as_they_need() {
        let shown = |text: &str| decimal(text.parse().unwrap());
        assert_eq!(shown("62506.0000"), "62506.00");
        assert_eq!(shown("17.5000"), "17.50");
        assert_eq!(shown("0.1250"), "0.125");
        assert_eq!(shown("0"), "0.00");
        assert_eq!(shown("999999999999999.9999"), "999999999999999.9999");
    }
}
