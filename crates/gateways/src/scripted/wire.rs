//! Just enough HTTP/1.1 for tests, both ways: one message a connection, bodies bounded.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Nothing here is larger.
const LARGEST: usize = 4 * 1024 * 1024;

/// A request or a response.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// `POST /charges HTTP/1.1`, `HTTP/1.1 200 OK`.
    pub start: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded.
    pub body: Vec<u8>,
}

impl Message {
    /// The first header of a name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A response's status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.start.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A request without an answer.
#[derive(Debug)]
pub enum Lost {
    /// Nobody listens: nothing was sent.
    NotSent(io::Error),
    /// It was sent, and no whole answer came.
    Halfway(io::Error),
}

/// Sends a request and reads the answer to the end of the connection.
///
/// # Errors
/// [`Lost`].
pub async fn send(address: &str, start: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Message, Lost> {
    let mut stream = TcpStream::connect(address).await.map_err(Lost::NotSent)?;
    exchange(&mut stream, address, start, headers, body).await.map_err(Lost::Halfway)
}

async fn exchange(
    stream: &mut TcpStream,
    address: &str,
    start: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Message> {
    let mut head = format!("{start} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    stream.write_all(&bytes).await?;
    let mut answer = Vec::new();
    AsyncReadExt::take(&mut *stream, LARGEST as u64).read_to_end(&mut answer).await?;
    whole(&answer)?.ok_or_else(|| io::Error::new(io::ErrorKind::UnexpectedEof, "the answer is cut short"))
}

/// Reads a request. None: the peer hung up before it was whole.
///
/// # Errors
/// The stream's.
pub async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Message>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(message) = whole(&bytes)? {
            return Ok(Some(message));
        }
        if bytes.len() > LARGEST || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

/// The message when all of it is there.
fn whole(bytes: &[u8]) -> io::Result<Option<Message>> {
    let bad = |what: &'static str| io::Error::new(io::ErrorKind::InvalidData, what);
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| bad("a head that is no text"))?;
    let mut lines = head.split("\r\n");
    let start = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut message = Message { start, headers, body: Vec::new() };
    let rest = &bytes[end + 4..];
    if message.header("transfer-encoding").is_some_and(|how| how.eq_ignore_ascii_case("chunked")) {
        return Ok(unchunked(rest)?.map(|body| Message { body, ..message }));
    }
    let length =
        message.header("content-length").map_or(Ok(0), str::parse::<usize>).map_err(|_| bad("a bad length"))?;
    if rest.len() < length {
        return Ok(None);
    }
    message.body = rest[..length].to_vec();
    Ok(Some(message))
}

/// A chunked body when all of it is there.
fn unchunked(mut rest: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|line| line.split(';').next());
        let size = size
            .and_then(|size| usize::from_str_radix(size.trim(), 16).ok())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a bad chunk"))?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Ok(Some(body));
        }
        if rest.len() < size + 2 {
            return Ok(None);
        }
        body.extend_from_slice(&rest[..size]);
        rest = &rest[size + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_when_they_are_whole() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        for cut in 0..text.len() {
            assert!(whole(&text[..cut]).unwrap().is_none(), "{cut}");
        }
        let message = whole(text).unwrap().unwrap();
        assert_eq!((message.status(), message.text().as_str()), (200, "hello"));
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        assert_eq!(whole(chunked).unwrap().unwrap().text(), "hello");
    }
}
