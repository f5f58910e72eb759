// Package chart answers: how do a few numbers look as a picture?
//
// A [Chart] is lines, dots and places with names between two axes that begin at
// zero, written as SVG: text stays text, a title and a description are there
// for who cannot see it, and colours hold on light and on dark ground.
//
// This package must never know what it draws.
package chart
