// Package campaign answers: what do advertisers want?
//
// It holds the types that advertisers configure (advertiser, campaign, line
// item, creative, exchange, budgets, targeting) and their validation, which
// names the field and what is allowed. Package campaign/store keeps them in
// SQL; package campaign/catalog compiles them into what bidders read.
//
// This package must never read a database, a request or a user.
package campaign
