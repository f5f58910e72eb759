package v1

// Service is the state of the server that answered.
type Service struct {
	Version        string   `json:"version" doc:"Version of the program." example:"v0.1.0"`
	Roles          []string `json:"roles" nullable:"false" doc:"What this process does: bidder, control, worker."`
	Ready          bool     `json:"ready" doc:"Whether it can do all of it now."`
	NotReady       []string `json:"not_ready,omitempty" nullable:"false" doc:"What is missing when it is not ready."`
	CatalogVersion uint64   `json:"catalog_version" doc:"Version of the campaign catalog that bidders in this process read; 0 without a bidder."`
}
