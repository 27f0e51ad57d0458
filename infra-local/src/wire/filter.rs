//! Filters as Google writes them: comparisons with `AND`, `OR`, `NOT` and parentheses. What stands side by side without a
//! word between is `AND`.

/// Deepest nesting.
const DEEPEST: usize = 20;

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Has,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As written: `resource.labels.service_name`.
    pub field: String,
    /// How.
    pub op: Op,
    /// With what, without its quotes.
    pub value: String,
}

/// A filter, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them hold; an empty one always does.
    All(Vec<Filter>),
    /// One of them holds.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// A comparison.
    Term(Term),
}

impl Filter {
    /// Reads a filter; `None` when it is none, or more than is understood here (regular expressions, a text alone).
    pub fn read(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut reader = Reader { tokens: &tokens, at: 0, depth: 0 };
        if tokens.is_empty() {
            return Some(Self::All(Vec::new()));
        }
        let filter = reader.any()?;
        (reader.at == tokens.len()).then_some(filter)
    }

    /// Whether it holds; `None` when `judge` does not know a field. All fields are judged, so that an unknown one is always
    /// seen.
    pub fn holds(&self, judge: &impl Fn(&Term) -> Option<bool>) -> Option<bool> {
        match self {
            Self::All(parts) => {
                let parts: Option<Vec<bool>> = parts.iter().map(|part| part.holds(judge)).collect();
                Some(parts?.into_iter().all(|part| part))
            }
            Self::Any(parts) => {
                let parts: Option<Vec<bool>> = parts.iter().map(|part| part.holds(judge)).collect();
                Some(parts?.into_iter().any(|part| part))
            }
            Self::Not(part) => part.holds(judge).map(|holds| !holds),
            Self::Term(term) => judge(term),
        }
    }
}

impl Term {
    /// Compares texts, or whatever else can be ordered.
    pub fn compare<T: PartialOrd>(&self, have: &T, want: &T) -> bool {
        match self.op {
            Op::Equal | Op::Has => have == want,
            Op::Unequal => have != want,
            Op::Less => have < want,
            Op::AtMost => have <= want,
            Op::Greater => have > want,
            Op::AtLeast => have >= want,
        }
    }

    /// Compares a text; `:` is satisfied with a part of it.
    pub fn text(&self, have: &str) -> bool {
        match self.op {
            Op::Has => have.to_lowercase().contains(&self.value.to_lowercase()),
            _ => self.compare(&have, &self.value.as_str()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Minus,
    Op(Op),
    Word(String),
    Quoted(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let two = [("!=", Op::Unequal), (">=", Op::AtLeast), ("<=", Op::AtMost)];
        let one = [('=', Op::Equal), ('>', Op::Greater), ('<', Op::Less), (':', Op::Has)];
        // A regular expression.
        if rest.starts_with("=~") || rest.starts_with("!~") {
            return None;
        }
        let (token, after) = if let Some((word, op)) = two.iter().find(|(word, _)| rest.starts_with(word)) {
            (Token::Op(*op), &rest[word.len()..])
        } else if let Some((_, op)) = one.iter().find(|(letter, _)| *letter == first) {
            (Token::Op(*op), &rest[1..])
        } else if first == '(' {
            (Token::Open, &rest[1..])
        } else if first == ')' {
            (Token::Close, &rest[1..])
        } else if first == '-' {
            (Token::Minus, &rest[1..])
        } else if first == '"' {
            let (value, after) = quoted(&rest[1..])?;
            (Token::Quoted(value), after)
        } else {
            let ends = |letter: char| letter.is_whitespace() || "()=!<>\":,".contains(letter);
            let end = rest.find(ends).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            (Token::Word(rest[..end].to_owned()), &rest[end..])
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    Some(tokens)
}

/// The text up to the closing quote, and what comes after it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word == wanted);
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Option<Filter> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut parts = vec![self.all()?];
        while self.word("OR") {
            parts.push(self.all()?);
        }
        self.depth -= 1;
        if parts.len() == 1 { parts.pop() } else { Some(Filter::Any(parts)) }
    }

    fn all(&mut self) -> Option<Filter> {
        let mut parts = vec![self.one()?];
        loop {
            let more = match self.peek() {
                None | Some(Token::Close) => false,
                Some(Token::Word(word)) if word == "OR" => false,
                Some(_) => true,
            };
            if !more {
                break;
            }
            self.word("AND");
            parts.push(self.one()?);
        }
        if parts.len() == 1 { parts.pop() } else { Some(Filter::All(parts)) }
    }

    fn one(&mut self) -> Option<Filter> {
        if self.word("NOT") || self.peek() == Some(&Token::Minus) {
            self.at += usize::from(self.peek() == Some(&Token::Minus));
            self.depth += 1;
            if self.depth > DEEPEST {
                return None;
            }
            let part = self.one()?;
            self.depth -= 1;
            return Some(Filter::Not(Box::new(part)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let inner = self.any()?;
            return self.close().then_some(inner);
        }
        let field = self.path()?;
        if self.peek() == Some(&Token::Open) {
            // A function of one text: `log_id("..")`.
            self.at += 1;
            let term = self.term(&format!("{field}()"), Op::Equal)?;
            return self.close().then_some(term);
        }
        let Some(Token::Op(op)) = self.peek().cloned() else { return None };
        self.at += 1;
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let mut terms = vec![self.term(&field, op)?];
            let any = self.peek() != Some(&Token::Word("AND".to_owned()));
            while self.word(if any { "OR" } else { "AND" }) {
                terms.push(self.term(&field, op)?);
            }
            return self.close().then_some(if any { Filter::Any(terms) } else { Filter::All(terms) });
        }
        self.term(&field, op)
    }

    fn close(&mut self) -> bool {
        let found = self.peek() == Some(&Token::Close);
        self.at += usize::from(found);
        found
    }

    /// A name; parts of it may be quoted: `labels."run.googleapis.com/x"`.
    fn path(&mut self) -> Option<String> {
        let Some(Token::Word(word)) = self.peek().cloned() else { return None };
        self.at += 1;
        let mut path = word;
        while path.ends_with('.') {
            let Some(Token::Quoted(part)) = self.peek().cloned() else { return None };
            self.at += 1;
            path.push_str(&part);
        }
        Some(path)
    }

    fn term(&mut self, field: &str, op: Op) -> Option<Filter> {
        let value = match self.peek().cloned()? {
            Token::Word(value) | Token::Quoted(value) => value,
            Token::Minus => {
                self.at += 1;
                let Some(Token::Word(value)) = self.peek().cloned() else { return None };
                format!("-{value}")
            }
            Token::Open | Token::Close | Token::Op(_) => return None,
        };
        self.at += 1;
        Some(Filter::Term(Term { field: field.to_owned(), op, value }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(filter: &str) -> Option<bool> {
        let have = |term: &Term| match term.field.as_str() {
            "status" => Some(term.text("WORKING")),
            "n" => term.value.parse::<i64>().ok().map(|want| term.compare(&7, &want)),
            "labels.a/b" => Some(term.text("x y")),
            _ => None,
        };
        Filter::read(filter)?.holds(&have)
    }

    #[test]
    fn comparisons_are_joined() {
        for filter in [
            "",
            "status=\"WORKING\"",
            "status=WORKING AND n>6",
            "status = \"WORKING\" n<=7",
            "NOT status=X",
            "-status=X",
            "(status=X OR n=7) AND n!=8",
            "status=(\"X\" OR \"WORKING\")",
            "labels.\"a/b\"=\"x y\"",
            "labels.\"a/b\":Y",
            "n>-1",
        ] {
            assert_eq!(holds(filter), Some(true), "{filter}");
        }
        for filter in ["status=X", "status=WORKING AND n>7", "NOT (n=7)", "status=X OR n=8"] {
            assert_eq!(holds(filter), Some(false), "{filter}");
        }
    }

    #[test]
    fn what_is_not_understood_is_none() {
        let deep = format!("{}n=7{}", "(".repeat(30), ")".repeat(30));
        for filter in
            ["other=1", "n=7 OR other=1", "status", "status=", "=x", "status=~\"W.*\"", "(n=7", "\"open", &deep, "n=7)"]
        {
            assert_eq!(holds(filter), None, "{filter}");
        }
    }
}
