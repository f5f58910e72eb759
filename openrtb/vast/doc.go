// Package vast answers: how does a video or audio creative look as VAST?
//
// [Ad.Document] writes VAST 2.0, 3.0 or 4.0 to 4.3, in line or as a wrapper,
// when the catalog is built. The order of elements is that of the IAB's XML
// schemas: 2.0.1, the draft of 3.0, 4.0, 4.1 and 4.2, the last for 4.3 too.
// Audio is linear VAST with audio files, which 4.1 took over from DAAST.
//
// URLs stand in CDATA sections, since players and exchanges that replace
// macros in them rarely escape what they put in. They may hold the macros of
// openrtb.Markup, which openrtb.CompileVAST finds; other texts may not.
//
// This package must never write text into XML but through encoding/xml, and
// never write a price: whoever plays the ad could read it.
package vast
