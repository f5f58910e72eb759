// Package pb answers: what does the event log look like on disk?
//
// It is generated from event.proto; package event turns its messages into
// [github.com/tangent-dsp/tangent/event.Event] and back, and nobody else
// should need them. It must never hold anything written by hand but this file.
//
// To generate it again, install protoc and protoc-gen-go v1.36.12 and run
// go generate here.
package pb

//go:generate protoc --go_out=. --go_opt=paths=source_relative event.proto
