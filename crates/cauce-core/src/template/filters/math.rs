//! Numbers.

use super::super::fault::{Code, Stop};
use super::super::number::{ByZero, Number};
use super::super::render::Budget;
use super::super::value::Datum;
use super::Arguments;
use core::cmp::Ordering;

type Result<'a> = core::result::Result<Datum<'a>, Stop>;

fn datum<'a>(number: Number) -> Datum<'a> {
    match number {
        Number::Int(whole) => Datum::Int(whole),
        Number::Float(float) => Datum::Float(float),
    }
}

fn by_zero(_: ByZero) -> Stop {
    Stop::new(Code::DivisionByZero, "divided by zero")
}

pub(super) fn abs<'a>(_: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    Ok(datum(input.to_number().abs()))
}

pub(super) fn ceil<'a>(_: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    Ok(datum(input.to_number().ceil()))
}

pub(super) fn floor<'a>(_: &mut Budget<'a>, input: Datum<'a>, _: &Arguments<'a>) -> Result<'a> {
    Ok(datum(input.to_number().floor()))
}

pub(super) fn round<'a>(_: &mut Budget<'a>, input: Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    let places = with.at(0).to_number().to_i64();
    Ok(datum(input.to_number().round(places)))
}

pub(super) fn at_least<'a>(
    _: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    Ok(datum(clamp(input.to_number(), with.at(0).to_number(), Ordering::Less)))
}

pub(super) fn at_most<'a>(
    _: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    Ok(datum(clamp(input.to_number(), with.at(0).to_number(), Ordering::Greater)))
}

/// The bound where the number is on its wrong side.
fn clamp(number: Number, bound: Number, wrong: Ordering) -> Number {
    if number.order(bound) == Some(wrong) { bound } else { number }
}

pub(super) fn plus<'a>(_: &mut Budget<'a>, input: Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    Ok(datum(input.to_number().plus(with.at(0).to_number())))
}

pub(super) fn minus<'a>(_: &mut Budget<'a>, input: Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    Ok(datum(input.to_number().minus(with.at(0).to_number())))
}

pub(super) fn times<'a>(_: &mut Budget<'a>, input: Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    Ok(datum(input.to_number().times(with.at(0).to_number())))
}

pub(super) fn divided_by<'a>(
    _: &mut Budget<'a>,
    input: Datum<'a>,
    with: &Arguments<'a>,
) -> Result<'a> {
    input.to_number().divided_by(with.at(0).to_number()).map(datum).map_err(by_zero)
}

pub(super) fn modulo<'a>(_: &mut Budget<'a>, input: Datum<'a>, with: &Arguments<'a>) -> Result<'a> {
    input.to_number().modulo(with.at(0).to_number()).map(datum).map_err(by_zero)
}
