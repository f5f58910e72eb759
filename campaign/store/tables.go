package store

// Tables returns the tables that this package keeps, for backups: what others
// refer to comes before them.
func Tables() []string {
	return []string{"counters", "exchanges", "advertisers", "campaigns", "line_items", "creatives", "budget_nodes", "api_keys", "fee_rules", "rate_tables", "inventory_lists", "inventory_chunks", "creative_performance", "creative_touches"}
}
