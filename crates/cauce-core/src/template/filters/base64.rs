//! Base64, both alphabets.

use super::super::fault::Stop;
use super::super::render::Budget;
use super::super::value::Datum;
use super::Arguments;
use crate::prelude::*;

type Result<'a> = core::result::Result<Datum<'a>, Stop>;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(super) fn encode<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    encode_with(b, &input, STANDARD)
}

pub(super) fn encode_url_safe<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    encode_with(budget, &input, URL_SAFE)
}

pub(super) fn decode<'a>(b: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    decode_with(b, &input, STANDARD)
}

pub(super) fn decode_url_safe<'a>(
    budget: &mut Budget<'a>,
    input: Datum<'a>,
    _: &Arguments<'a>,
) -> Result<'a> {
    decode_with(budget, &input, URL_SAFE)
}

fn encode_with<'a>(budget: &mut Budget<'a>, input: &Datum<'a>, alphabet: &[u8; 64]) -> Result<'a> {
    let text = budget.text(input)?;
    budget.make(text.len().saturating_mul(4) / 3 + 4)?;
    let mut encoded = String::with_capacity(text.len() / 3 * 4 + 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4usize {
            if at > chunk.len() {
                encoded.push('=');
            } else {
                let sextet = bits >> (18 - 6 * at) & 63;
                encoded.push(char::from(alphabet[sextet as usize]));
            }
        }
    }
    Ok(Datum::text(encoded))
}

fn decode_with<'a>(budget: &mut Budget<'a>, input: &Datum<'a>, alphabet: &[u8; 64]) -> Result<'a> {
    let text = match input {
        Datum::Text(text) | Datum::Safe(text) => text.clone(),
        Datum::Nil => return Ok(Datum::Nil),
        _ => return Err(Stop::bad("Base64 is decoded from a text alone")),
    };
    budget.make(text.len())?;
    let bad = || Stop::bad("the text is not Base64");
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u32);
    let padding = text.len() - text.trim_end_matches('=').len();
    for byte in text.trim_end_matches('=').bytes() {
        let sextet = alphabet.iter().position(|own| *own == byte).ok_or_else(bad)?;
        bits = bits << 6 | u32::try_from(sextet).map_err(|_| bad())?;
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push(u8::try_from(bits >> count & 255).map_err(|_| bad())?);
            bits &= (1 << count) - 1;
        }
    }
    if padding > 2 || count == 6 || bits != 0 {
        return Err(bad());
    }
    String::from_utf8(decoded).map(Datum::text).map_err(|_| bad())
}
