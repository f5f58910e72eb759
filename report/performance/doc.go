// Package performance answers: how often was each creative seen and clicked?
//
// It carries impressions and clicks from the event log into sums, which the
// rotation by click rate learns from. It must never move money, and never keep
// who it was that saw or clicked.
package performance
