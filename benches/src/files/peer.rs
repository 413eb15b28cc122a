//! The least that anybody has to do who keeps files encrypted: one thread, one connection, one file, no HTTP, no records.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use super::content::{PIECE, Pieces};
use crate::Result;

/// What is encrypted at a time, as the server does.
const CHUNK: usize = 64 << 10;
const SEALED: usize = CHUNK + 16;
/// What the one who takes in says when all is on disk, and with which sum.
const SUM: usize = 32;

/// Takes a file in over a connection, sums it up, encrypts it and writes it to the disk.
pub(super) fn upload(file: &Path, size: u64) -> Result<Duration> {
    let (listener, address) = listen()?;
    thread::scope(|scope| {
        let taking = scope.spawn(|| take(&listener, file, size));
        let begun = Instant::now();
        let mut stream = TcpStream::connect(address)?;
        let mut pieces = Pieces::from(0);
        for _ in 0..pieces_of(size)? {
            stream.write_all(pieces.next())?;
        }
        stream.read_exact(&mut [0; SUM])?;
        let took = begun.elapsed();
        taking.join().map_err(|_| "the peer panicked")??;
        Ok(took)
    })
}

/// Gives the file out, decrypted.
pub(super) fn download(file: &Path, size: u64) -> Result<Duration> {
    let (listener, address) = listen()?;
    thread::scope(|scope| {
        let giving = scope.spawn(|| give(&listener, file, size));
        let begun = Instant::now();
        let mut stream = TcpStream::connect(address)?;
        let (mut pieces, mut read) = (Pieces::from(0), vec![0; PIECE]);
        for _ in 0..pieces_of(size)? {
            stream.read_exact(&mut read)?;
            if read != pieces.next() {
                return Err("the peer gave out something else".into());
            }
        }
        let took = begun.elapsed();
        giving.join().map_err(|_| "the peer panicked")??;
        Ok(took)
    })
}

fn take(listener: &TcpListener, file: &Path, size: u64) -> Result<()> {
    let (mut stream, _) = listener.accept()?;
    let (key, mut sum, mut file) = (key()?, Sha256::new(), File::create(file)?);
    let mut chunk = Vec::with_capacity(SEALED);
    for number in 0..chunks_of(size)? {
        chunk.resize(CHUNK, 0);
        stream.read_exact(&mut chunk)?;
        sum.update(&chunk);
        key.seal_in_place_append_tag(nonce(number), Aad::empty(), &mut chunk).map_err(|_| "not encrypted")?;
        file.write_all(&chunk)?;
    }
    file.sync_all()?;
    Ok(stream.write_all(&sum.finalize())?)
}

fn give(listener: &TcpListener, file: &Path, size: u64) -> Result<()> {
    let (mut stream, _) = listener.accept()?;
    let (key, mut file, mut chunk) = (key()?, File::open(file)?, vec![0; SEALED]);
    for number in 0..chunks_of(size)? {
        file.read_exact(&mut chunk)?;
        let opened = key.open_in_place(nonce(number), Aad::empty(), &mut chunk).map_err(|_| "not decrypted")?;
        stream.write_all(opened)?;
    }
    Ok(())
}

fn listen() -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn pieces_of(size: u64) -> Result<u64> {
    Ok(size / u64::try_from(PIECE)?)
}

fn chunks_of(size: u64) -> Result<u64> {
    Ok(size / u64::try_from(CHUNK)?)
}

fn key() -> Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).map_err(|_| "no key")?))
}

fn nonce(number: u64) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    for (byte, value) in bytes.iter_mut().zip(number.to_be_bytes()) {
        *byte = value;
    }
    Nonce::assume_unique_for_key(bytes)
}
