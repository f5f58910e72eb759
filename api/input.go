package api

import (
	"io"

	"github.com/danielgtaylor/huma/v2"
)

// The shapes of requests and answers that huma binds to HTTP.

type idInput struct {
	ID int64 `path:"id" minimum:"1" doc:"The id that the server assigned."`
}

type bodyInput struct {
	RawBody []byte
}

type patchInput struct {
	ID      int64 `path:"id" minimum:"1" doc:"The id that the server assigned."`
	RawBody []byte
}

// uploadInput is a body that is read as it arrives, rather than kept.
type uploadInput struct {
	ID   int64 `path:"id" minimum:"1" doc:"The id that the server assigned."`
	body io.Reader
	err  error // why reading ended before the body did
}

// Resolve is called by huma with the request.
func (in *uploadInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	return nil
}

func (in *uploadInput) Read(p []byte) (int, error) {
	n, err := in.body.Read(p)
	if err != nil && err != io.EOF {
		in.err = err
	}
	return n, err
}

type output[T any] struct {
	Body T
}

type created[T any] struct {
	Location string `header:"Location" doc:"Where to read it."`
	Body     T
}
