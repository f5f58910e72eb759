package openrtb

// memory is what a pooled request owns.
type memory struct{}
