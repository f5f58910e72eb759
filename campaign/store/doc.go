// Package store answers: where is what advertisers want written down?
//
// It keeps advertisers, campaigns, line items, creatives, exchanges and API
// keys in SQL, checks what is written, assigns the ids, and tells what
// changed since a revision. It writes the budget nodes that the ledger grants
// against, in the same database, and never their spend.
//
// An update reads a thing, has it changed and writes the whole of it in one
// transaction, so that nothing that anybody else writes meanwhile is undone, in
// whatever process; changing a status touches the status alone. Nothing is ever deleted: what is archived stays
// and cannot be changed again. Every write is one transaction and durable
// when the call returns.
//
// The SQL is one text for SQLite and PostgreSQL. What else is kept in the same
// database, the ledger above all, opens, migrates and writes it by OpenDB,
// Migrate and InTx of this package.
//
// This package must never be imported by what bids: bidders read
// campaign/catalog. No API key is stored, logged or put into an error; only
// its hash is stored.
package store
