//! Names of the services that a scenario adds: words one finds in any company, the same in every run.

const SUBJECTS: [&str; 25] = [
    "accounts",
    "billing",
    "carts",
    "catalog",
    "checkout",
    "coupons",
    "delivery",
    "events",
    "feeds",
    "gateway",
    "identity",
    "inventory",
    "invoices",
    "ledger",
    "mail",
    "orders",
    "payments",
    "pricing",
    "profiles",
    "ratings",
    "refunds",
    "reports",
    "search",
    "shipping",
    "stock",
];
const PARTS: [&str; 4] = ["api", "worker", "web", "sync"];

/// This many names, none of them `hello`, none twice.
pub fn names(count: usize) -> Vec<String> {
    let each = |index: usize| {
        let (subject, rest) = (SUBJECTS[index % SUBJECTS.len()], index / SUBJECTS.len());
        let (part, round) = (PARTS[rest % PARTS.len()], rest / PARTS.len());
        if round == 0 { format!("{subject}-{part}") } else { format!("{subject}-{part}-{}", round + 1) }
    };
    (0..count).map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_different_and_always_the_same() {
        let many = names(999);
        assert_eq!(many.iter().collect::<BTreeSet<_>>().len(), 999);
        assert_eq!(many[..2], ["accounts-api", "billing-api"]);
        assert_eq!(many[100], "accounts-api-2");
    }
}
