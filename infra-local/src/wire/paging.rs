//! Pages over lists. A token names the place to go on from and is good for one list only.

/// A page, and the token of the next one.
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// The page of `items` that `token` asks for; `None` when the token is not one of ours for this list.
pub fn page<T>(list: &str, items: Vec<T>, size: usize, token: Option<&str>) -> Option<Page<T>> {
    let start = match token {
        None => 0,
        Some(token) => {
            let (name, place) = token.split_once('.')?;
            (name == list).then(|| usize::from_str_radix(place, 16).ok())??
        }
    };
    let total = items.len();
    let items: Vec<T> = items.into_iter().skip(start).take(size.max(1)).collect();
    let end = start + items.len();
    Some(Page { items, next: (end < total).then(|| format!("{list}.{end:08x}")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let first = page("tasks", (0..5).collect(), 2, None).unwrap();
        let second = page("tasks", (0..5).collect(), 2, first.next.as_deref()).unwrap();
        let third = page("tasks", (0..5).collect(), 2, second.next.as_deref()).unwrap();
        assert_eq!([first.items, second.items, third.items].concat(), [0, 1, 2, 3, 4]);
        assert_eq!(third.next, None);
        assert!(page("services", (0..5).collect(), 2, second.next.as_deref()).is_none());
        assert!(page("tasks", vec![0], 2, Some("nonsense")).is_none());
    }
}
