//! What guessers try first. Words combine: with the usual digits, signs and substitutions these stand for many thousands of
//! passwords of the published lists.

/// Lines of keyboards, the alphabet, digits.
pub(super) const RUNS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "012345678901234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "qsdfghjklm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "zaq12wsxcde34rfvbgt56yhnmju78ik,.lo90",
    "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()_+",
    "11223344556677889900",
    "147258369",
    "159753",
    "a1b2c3d4e5f6g7h8i9j0",
    "1a2b3c4d5e6f7g8h9i0j",
];

/// Whole passwords of the published lists that no pattern below catches.
pub(super) const LIST: &[&str] = &[
    "correcthorsebatterystaple",
    "thequickbrownfox",
    "tobeornottobe",
    "maytheforcebewithyou",
    "openthedoor123",
    "whatever12345",
    "1234qwerasdfzxcv",
    "unknown12345",
    "j38ifubn12345",
    "3rjs1la7qe123",
    "18atcskd2w123",
    "fqrg7cs493123",
    "mynameisjohn",
    "ihatepasswords",
    "idontknow1234",
    "nopassword123",
    "yourmom12345",
    "onetwothreefour",
    "donthackmeplease",
    "simplepassword1",
];

/// Words, in small letters, of which common passwords are made.
#[rustfmt::skip]
pub(super) const WORDS: &[&str] = &[
    "password", "passwort", "passord", "losenord", "haslo", "motdepasse", "contrasena", "senha", "parola", "pass", "passwd", "pwd",
    "passcode", "passphrase", "passme", "welcome", "valkommen", "willkommen", "letmein", "login", "logmein", "signin", "changeme",
    "changethis", "default", "secret", "topsecret", "secure", "security", "access", "admin", "administrator", "root", "user",
    "username", "guest", "test", "testing", "tester", "temp", "temporary", "demo", "sample", "example", "master", "super", "supervisor",
    "manager", "system", "server", "computer", "internet", "network", "windows", "apple", "google", "facebook", "twitter", "linkedin",
    "microsoft", "samsung", "android", "linux", "oracle", "cisco", "database", "office", "company", "business", "merchant", "payment",
    "payments", "paydeck", "money", "bank", "account", "private", "public", "hello", "helloworld", "world", "hola", "hallo", "please",
    "thanks", "iloveyou", "ilove", "iloveu", "love", "lover", "lovely", "loveme", "you", "me", "my", "i", "the", "is", "and", "this", "that",
    "it", "its", "a", "no", "not", "yes", "mylove", "babygirl", "baby", "princess", "prince", "angel", "sunshine", "shadow", "monkey",
    "dragon", "tiger", "lion", "wolf", "eagle", "falcon", "panther", "dolphin", "butterfly", "kitty", "kitten", "cat", "dog", "doggy",
    "puppy", "horse", "pony", "bear", "panda", "turtle", "rabbit", "bunny", "chicken", "football", "fotboll", "soccer", "baseball",
    "basketball", "hockey", "tennis", "golf", "volleyball", "cricket", "liverpool", "arsenal", "chelsea", "barcelona", "realmadrid",
    "juventus", "manchester", "united", "city", "yankees", "cowboys", "steelers", "lakers", "superman", "batman", "spiderman", "ironman",
    "hulk", "avengers", "starwars", "startrek", "skywalker", "jedi", "yoda", "matrix", "pokemon", "pikachu", "naruto", "mario", "zelda",
    "minecraft", "fortnite", "roblox", "callofduty", "playstation", "xbox", "nintendo", "gamer", "gaming", "michael", "jordan", "jennifer",
    "jessica", "ashley", "amanda", "daniel", "david", "robert", "thomas", "charlie", "andrew", "matthew", "joshua", "anthony", "william",
    "richard", "george", "nicole", "michelle", "maria", "anna", "john", "james", "alex", "alexander", "mohammad", "mohammed", "muhammad",
    "ali", "reza", "hossein", "fatemeh", "zahra", "maryam", "somchai", "nguyen", "johan", "anders", "erik", "karin", "kasia", "marek",
    "agnieszka", "trustno", "trustnoone", "trust", "killer", "hunter", "ranger", "ninja", "warrior", "soldier", "samurai", "pirate",
    "wizard", "magic", "legend", "hero", "king", "queen", "boss", "chief", "power", "force", "freedom", "liberty", "justice", "peace",
    "heaven", "jesus", "christ", "god", "godisgood", "blessed", "blessing", "faith", "hope", "grace", "allah", "summer", "winter", "spring",
    "autumn", "fall", "sommer", "sommar", "vinter", "host", "january", "february", "march", "april", "may", "june", "july", "august",
    "september", "october", "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today",
    "tomorrow", "yesterday", "forever", "always", "never", "whatever", "nothing", "everything", "something", "anything", "someone", "family",
    "friend", "friends", "mother", "father", "brother", "sister", "mommy", "daddy", "mama", "papa", "junior", "senior", "boy", "girl", "man",
    "woman", "black", "white", "red", "blue", "green", "yellow", "orange", "purple", "pink", "silver", "golden", "gold", "diamond", "crystal",
    "star", "stars", "moon", "sun", "sky", "rainbow", "ocean", "river", "mountain", "forest", "flower", "rose", "thunder", "storm", "fire",
    "ice", "water", "earth", "london", "paris", "berlin", "stockholm", "sweden", "sverige", "poland", "polska", "warszawa", "thailand",
    "bangkok", "vietnam", "hanoi", "saigon", "iran", "tehran", "america", "canada", "australia", "england", "germany", "france", "italy",
    "spain", "mexico", "brazil", "india", "china", "japan", "newyork", "california", "texas", "chicago", "boston", "dallas", "cookie",
    "chocolate", "banana", "cheese", "pepper", "ginger", "coffee", "pizza", "burger", "sugar", "honey", "candy", "peanut", "butter",
    "strawberry", "cherry", "lemon", "melon", "guitar", "music", "metallica", "nirvana", "eminem", "beatles", "elvis", "rocknroll", "mustang",
    "ferrari", "porsche", "mercedes", "bmw", "audi", "toyota", "honda", "corvette", "camaro", "harley", "yamaha", "school", "student",
    "teacher", "college", "university", "doctor", "nurse", "police", "army", "marines", "navy", "airforce", "qwerty", "qwert", "qwertz",
    "azerty", "asdf", "asdfgh", "asdfghjkl", "zxcv", "zxcvbn", "zxcvbnm", "qazwsx", "qwe", "asd", "zxc", "qaz", "wsx", "abc", "abcd", "abcde",
    "abcdef", "abcdefg", "xyz", "xxx", "aaa", "lol", "lmao", "wtf", "fuck", "fuckyou", "fuckoff", "shit", "bitch", "asshole", "sexy", "sex",
    "hot", "cool", "awesome", "amazing", "perfect", "beautiful", "happy", "lucky", "smile", "number", "one", "two", "three", "four", "five",
    "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "zero", "first", "new", "old", "good", "bad", "best", "big", "little", "open",
    "sesame", "opensesame", "enter", "backdoor", "key", "keyboard", "mouse", "monitor", "laptop", "phone", "iphone", "mobile", "hacker",
    "hackme", "hack", "crack", "code", "coder", "coding", "developer", "dev", "prod", "production", "staging", "live",
];

/// Breached passwords of twelve characters or more, and the words inside of shorter ones: in small letters, sorted by byte. Made by
/// `tools/common-passwords.mjs`; `common_passwords.LICENSE.txt` says of what.
static BREACHED: &str = include_str!("common_passwords.txt");

/// Whether a text, in small letters, is a line of the list of breached passwords.
pub(super) fn is_known(text: &str) -> bool {
    let (mut low, mut high) = (0, BREACHED.len());
    while low < high {
        // The line around the middle of what is left; the list is ASCII.
        let middle = low + (high - low) / 2;
        let start = BREACHED.get(low..middle).and_then(|part| part.rfind('\n')).map_or(low, |at| low + at + 1);
        let end = BREACHED.get(middle..high).and_then(|part| part.find('\n')).map_or(high, |at| middle + at);
        match BREACHED.get(start..end).unwrap_or("").cmp(text) {
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
            std::cmp::Ordering::Equal => return !text.is_empty(),
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_found_and_nothing_else() {
        assert!(BREACHED.is_ascii() && BREACHED.len() < 300_000);
        let lines: Vec<&str> = BREACHED.lines().collect();
        assert!(lines.len() > 20_000 && lines.windows(2).all(|pair| pair[0] < pair[1]), "sorted, each once");
        for line in &lines {
            assert!(is_known(line), "{line}");
            assert!(!is_known(&format!("{line}\n")) && !is_known(&format!("\n{line}")));
        }
        for other in ["", " ", "\n", "plum-otter-93-quay", "گربه", "zzzzzzzzzzzzzzzzzzzzzz", "!"] {
            assert!(!is_known(other), "{other:?}");
        }
    }
}
