//! Names of people from many places, and what e-mail addresses make of them.

/// Where a family of names is at home.
#[derive(Clone, Copy, Default)]
pub(super) struct Region {
    pub(super) citizenship: &'static str,
    pub(super) female: &'static [&'static str],
    pub(super) male: &'static [&'static str],
    pub(super) last: &'static [&'static str],
}

pub(super) const REGIONS: &[Region] = &[
    Region {
        citizenship: "Germany",
        female: &["Anna", "Lena", "Katharina", "Sabine", "Jana", "Frieda", "Heike", "Miriam", "Ulrike", "Greta"],
        male: &["Jonas", "Lukas", "Matthias", "Stefan", "Jürgen", "Felix", "Moritz", "Thorsten", "Emil", "Björn"],
        last: &[
            "Müller",
            "Schneider",
            "Fischer",
            "Weber",
            "Hoffmann",
            "Schäfer",
            "Koch",
            "Bauer",
            "Richter",
            "Klein",
            "Wolf",
            "Schröder",
            "Neumann",
            "Krüger",
            "Lange",
            "Voigt",
        ],
    },
    Region {
        citizenship: "Ireland",
        female: &["Aoife", "Niamh", "Emma", "Grace", "Orla", "Fiona", "Sinéad", "Claire", "Maeve", "Ruth"],
        male: &["Conor", "Liam", "Sean", "Patrick", "Declan", "Owen", "Brian", "Rory", "Hugh", "Cillian"],
        last: &[
            "Murphy",
            "Kelly",
            "O'Brien",
            "Byrne",
            "Ryan",
            "O'Connor",
            "Walsh",
            "Doyle",
            "McCarthy",
            "Gallagher",
            "Kennedy",
            "Lynch",
            "Quinn",
            "Nolan",
            "Burke",
            "Keane",
        ],
    },
    Region {
        citizenship: "Spain",
        female: &["Lucía", "Carmen", "Inés", "Marta", "Elena", "Rocío", "Pilar", "Nuria", "Alba", "Beatriz"],
        male: &["Javier", "Pablo", "Álvaro", "Diego", "Sergio", "Iñigo", "Rubén", "Andrés", "Hugo", "Ramón"],
        last: &[
            "García",
            "Fernández",
            "López",
            "Martínez",
            "Sánchez",
            "Pérez",
            "Gómez",
            "Ruiz",
            "Díaz",
            "Moreno",
            "Muñoz",
            "Romero",
            "Navarro",
            "Torres",
            "Iglesias",
            "Ortega",
        ],
    },
    Region {
        citizenship: "France",
        female: &["Camille", "Élodie", "Manon", "Chloé", "Sylvie", "Margaux", "Aurélie", "Juliette", "Odile", "Noémie"],
        male: &["Antoine", "Julien", "Théo", "Mathieu", "François", "Rémi", "Olivier", "Bastien", "Cédric", "Luc"],
        last: &[
            "Martin",
            "Bernard",
            "Dubois",
            "Laurent",
            "Lefèvre",
            "Moreau",
            "Girard",
            "Fournier",
            "Mercier",
            "Dupont",
            "Lambert",
            "Bonnet",
            "Rousseau",
            "Chevalier",
            "Perrin",
            "Blanchard",
        ],
    },
    Region {
        citizenship: "Poland",
        female: &[
            "Agnieszka",
            "Zofia",
            "Magdalena",
            "Ewa",
            "Małgorzata",
            "Joanna",
            "Hanna",
            "Iwona",
            "Kinga",
            "Barbara",
        ],
        male: &["Piotr", "Krzysztof", "Tomasz", "Paweł", "Marcin", "Jakub", "Łukasz", "Andrzej", "Wojciech", "Szymon"],
        last: &[
            "Nowak",
            "Wiśniewski",
            "Wójcik",
            "Kamiński",
            "Lewandowski",
            "Zieliński",
            "Szymański",
            "Woźniak",
            "Dąbrowski",
            "Mazur",
            "Krawczyk",
            "Pawlak",
            "Górski",
            "Sikora",
            "Bąk",
            "Duda",
        ],
    },
    Region {
        citizenship: "Türkiye",
        female: &["Elif", "Zeynep", "Ayşe", "Defne", "Selin", "Gül", "Derya", "Esra", "Nazlı", "Pınar"],
        male: &["Mehmet", "Emre", "Mustafa", "Kerem", "Ozan", "Burak", "Çağlar", "Hakan", "Tolga", "Yusuf"],
        last: &[
            "Yılmaz", "Kaya", "Demir", "Çelik", "Şahin", "Yıldız", "Öztürk", "Aydın", "Arslan", "Doğan", "Kılıç",
            "Aslan", "Çetin", "Koç", "Kurt", "Polat",
        ],
    },
    Region {
        citizenship: "India",
        female: &["Priya", "Ananya", "Kavya", "Meera", "Lakshmi", "Nisha", "Pooja", "Divya", "Shreya", "Asha"],
        male: &["Arjun", "Rahul", "Vikram", "Rohan", "Sanjay", "Aditya", "Karthik", "Manoj", "Nikhil", "Suresh"],
        last: &[
            "Sharma", "Patel", "Iyer", "Gupta", "Reddy", "Nair", "Mehta", "Rao", "Kulkarni", "Banerjee", "Joshi",
            "Menon", "Verma", "Chopra", "Desai", "Bhat",
        ],
    },
    Region {
        citizenship: "Nigeria",
        female: &[
            "Ngozi", "Amara", "Folake", "Chiamaka", "Halima", "Yetunde", "Ifeoma", "Zainab", "Temitope", "Blessing",
        ],
        male: &["Chinedu", "Tunde", "Emeka", "Ibrahim", "Segun", "Kelechi", "Musa", "Obinna", "Femi", "Uche"],
        last: &[
            "Okafor",
            "Adeyemi",
            "Balogun",
            "Eze",
            "Okonkwo",
            "Bello",
            "Adebayo",
            "Nwosu",
            "Abubakar",
            "Ogunleye",
            "Obi",
            "Lawal",
            "Onyekachi",
            "Danjuma",
            "Afolabi",
            "Uzor",
        ],
    },
    Region {
        citizenship: "Japan",
        female: &["Yuki", "Sakura", "Aiko", "Haruka", "Naomi", "Mei", "Kaori", "Rin", "Emi", "Tomoko"],
        male: &["Haruto", "Kenji", "Takumi", "Hiroshi", "Daichi", "Satoshi", "Kaito", "Ryota", "Shun", "Makoto"],
        last: &[
            "Satō",
            "Suzuki",
            "Takahashi",
            "Tanaka",
            "Watanabe",
            "Itō",
            "Yamamoto",
            "Nakamura",
            "Kobayashi",
            "Katō",
            "Yoshida",
            "Yamada",
            "Sasaki",
            "Mori",
            "Hayashi",
            "Ōno",
        ],
    },
    Region {
        citizenship: "Brazil",
        female: &[
            "Beatriz", "Larissa", "Camila", "Juliana", "Fernanda", "Letícia", "Isabela", "Thaís", "Luana", "Rafaela",
        ],
        male: &["João", "Gabriel", "Thiago", "Rafael", "Bruno", "Caio", "Vinícius", "Otávio", "Leandro", "Fábio"],
        last: &[
            "Silva",
            "Santos",
            "Oliveira",
            "Souza",
            "Lima",
            "Pereira",
            "Costa",
            "Carvalho",
            "Almeida",
            "Ribeiro",
            "Araújo",
            "Barbosa",
            "Cardoso",
            "Nogueira",
            "Teixeira",
            "Gonçalves",
        ],
    },
    Region {
        citizenship: "Sweden",
        female: &["Astrid", "Elsa", "Ingrid", "Maja", "Sofia", "Linnéa", "Karin", "Freja", "Åsa", "Hedvig"],
        male: &["Erik", "Lars", "Oskar", "Anders", "Nils", "Gustav", "Mikael", "Axel", "Sven", "Göran"],
        last: &[
            "Andersson",
            "Johansson",
            "Lindberg",
            "Nilsson",
            "Eriksson",
            "Larsson",
            "Bergström",
            "Lindqvist",
            "Sandberg",
            "Holm",
            "Nyström",
            "Ekström",
            "Åberg",
            "Sjögren",
            "Lund",
            "Hedlund",
        ],
    },
    Region {
        citizenship: "Viet Nam",
        female: &["Linh", "Mai", "Lan", "Huong", "Thao", "Trang", "Ngoc", "Hoa", "Phuong", "Vy"],
        male: &["Minh", "Tuan", "Duc", "Quang", "Hieu", "Long", "Khanh", "Nam", "Bao", "Thanh"],
        last: &["Nguyen", "Tran", "Le", "Pham", "Hoang", "Phan", "Vu", "Dang", "Bui", "Do", "Ho", "Ngo", "Duong", "Ly"],
    },
];

/// A name as the part of an e-mail address before the `@` has it: small ASCII letters only.
pub(super) fn mailbox_word(name: &str) -> String {
    name.chars().flat_map(char::to_lowercase).filter_map(ascii_letter).collect()
}

/// The ASCII letter that stands for a small letter of the names above; none for apostrophes and the like.
const fn ascii_letter(letter: char) -> Option<char> {
    Some(match letter {
        'a'..='z' => letter,
        'á' | 'ã' | 'ä' | 'å' | 'ą' => 'a',
        'ç' | 'ć' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ğ' => 'g',
        'í' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' => 'n',
        'ó' | 'õ' | 'ö' | 'ō' => 'o',
        'ś' | 'ş' => 's',
        'ú' | 'ü' => 'u',
        'ź' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_marks_become_plain_ones() {
        for (name, word) in
            [("Müller", "muller"), ("O'Brien", "obrien"), ("Łukasz", "lukasz"), ("Ōno", "ono"), ("Çağlar", "caglar")]
        {
            assert_eq!(mailbox_word(name), word);
        }
    }

    /// Two names that differ in letters that are dropped would look odd as an address, and an empty word would break it.
    #[test]
    fn no_letter_of_a_name_is_lost() {
        for name in REGIONS.iter().flat_map(|region| [region.female, region.male, region.last]).flatten() {
            let letters = name.chars().filter(|c| c.is_alphabetic()).count();
            assert_eq!(mailbox_word(name).len(), letters, "{name} became {}", mailbox_word(name));
        }
    }
}
