package api

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

type output[T any] struct {
	Body T
}

type created[T any] struct {
	Location string `header:"Location" doc:"Where to read it."`
	Body     T
}
