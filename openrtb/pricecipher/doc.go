// Package pricecipher answers: which price did the exchange mean by what it
// put in place of the price macro?
//
// Exchanges that send prices through browsers encode or encrypt them, as was
// agreed with them. A [Cipher] reads one exchange's prices. [Plain] reads
// decimal CPM, [Base64] the same in base64, [Google] what Google encrypts
// (Authorized Buyers, "Decrypt price confirmations").
//
// This package must never put a key into a log, an error or a text, and never
// returns a price that it could not verify.
package pricecipher
