package v1

// Problem says why a request was not carried out (RFC 9457).
type Problem struct {
	Type   string         `json:"type,omitempty" format:"uri-reference" doc:"Absent: the title says what kind of problem it is."`
	Title  string         `json:"title" doc:"Text of the HTTP status." example:"Unprocessable Entity"`
	Status int            `json:"status" doc:"HTTP status code." example:"422"`
	Detail string         `json:"detail,omitempty" doc:"What happened, for people." example:"validation failed"`
	Errors []ProblemError `json:"errors,omitempty" nullable:"false" doc:"One per field that is wrong."`
}

// ProblemError is what is wrong with one field.
type ProblemError struct {
	Location string `json:"location,omitempty" doc:"Where: body, path, query or header, and the field." example:"body.budget.lifetime"`
	Message  string `json:"message" doc:"What is wrong, and what is allowed." example:"must be above 0"`
}

// Page is part of a list, in the order of ids.
type Page[T any] struct {
	Items     []T   `json:"items" nullable:"false" doc:"At most limit of them."`
	NextAfter int64 `json:"next_after,omitempty" doc:"Give this as after to read on. Absent on the last page."`
}
