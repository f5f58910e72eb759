package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// The exit statuses, but for 2: a command line that cannot be used.
const (
	succeeded = 0
	failed    = 1
	ended     = 130 // by a signal before its time, as shells have it, and nothing else was wrong
)

// interrupted is the error of a command that a signal ended before its time: it
// says what became of its work.
type interrupted struct{ what string }

func (e interrupted) Error() string { return "interrupted: " + e.what }

// orInterrupted returns the error of a command, or what became of its work if it
// failed because a signal ended it.
func orInterrupted(ctx context.Context, err error, what string) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return interrupted{what}
	}
	return err
}

// tell writes why a command failed, if it did, and returns the exit status.
func tell(ctx context.Context, w io.Writer, err error) int {
	if err == nil {
		return succeeded
	}
	err = orInterrupted(ctx, err, "it was not over") // what it broke off says nothing
	fmt.Fprintln(w, "tangent:", err)
	if merelyInterrupted(err) {
		return ended
	}
	return failed
}

// merelyInterrupted says whether an error tells of nothing but a signal: what
// was found until then counts for more.
func merelyInterrupted(err error) bool {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return errors.As(err, new(interrupted))
	}
	return !slices.ContainsFunc(several.Unwrap(), func(err error) bool { return !merelyInterrupted(err) })
}
