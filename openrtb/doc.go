// Package openrtb answers: how do exchanges speak?
//
// It decodes OpenRTB 2.3 to 2.6 bid requests for banner, video, audio and
// native into a pooled [Request] that holds just what a bidder reads, encodes
// bid responses in an exchange's [Dialect], expands macros, seals and opens
// notice tokens, and holds the closed tables of refusal reasons and loss
// codes.
//
// Section numbers in comments are those of the IAB's OpenRTB 2.6-202409 text
// unless another is named.
//
// This package must never decide whether to bid, and never lets a raw user id
// out but through [Request.EachUserID] and [Request.EachEID], which only
// package audience calls; nor what a request says about the person but through
// [Request.UserAttributes].
package openrtb
