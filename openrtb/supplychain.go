package openrtb

// SupplyChain is the way of the request from its publisher to us (section
// 3.2.25, and IAB's SupplyChain object 1.0).
type SupplyChain struct {
	Complete bool // complete=1: from the publisher on
	Version  []byte
	Nodes    []SupplyNode // the first is the publisher's; at most MaxSupplyNodes
	TooLong  bool         // there were more
	Bad      bool         // a field of it was sent and could not be read, or a node lacks asi or sid
}

// MaxSupplyNodes is how many nodes of a supply chain are kept: many times
// what any sane chain has.
const MaxSupplyNodes = 32

// SupplyNode is one seller in a supply chain (section 3.2.26).
type SupplyNode struct {
	ASI       []byte // domain of the system that sells, lower case
	SellerID  []byte // sid
	RequestID []byte // rid
	Name      []byte
	Domain    []byte // lower case
	Payment   int    // hp: 1 the seller is paid, 0 not; -1 when absent
}
