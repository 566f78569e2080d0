//! How a person wants pages to look: kept in cookies, read by the server, so that nothing flashes.

/// Light or dark; absent means as the system is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How close things stand; absent means comfortable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Density {
    /// 36 px controls.
    Comfortable,
    /// 32 px controls.
    Compact,
}

impl Theme {
    /// `light` or `dark`, as in the cookie and in `data-theme`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

impl Density {
    /// `comfortable` or `compact`, as in the cookie and in `data-density`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => "compact",
        }
    }
}

impl std::str::FromStr for Theme {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "light" => Ok(Self::Light),
            "dark" => Ok(Self::Dark),
            _ => Err(()),
        }
    }
}

impl std::str::FromStr for Density {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "comfortable" => Ok(Self::Comfortable),
            "compact" => Ok(Self::Compact),
            _ => Err(()),
        }
    }
}

/// What the frame's choosers show as chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// The theme, when one was chosen.
    pub theme: Option<Theme>,
    /// The density, when one was chosen.
    pub density: Option<Density>,
}
