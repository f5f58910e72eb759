-- +goose Up

-- Totals of a currency are more than nanos in a BIGINT can count: whole units
-- have columns of their own, and the old ones hold what is left below a unit.
ALTER TABLE ledger_totals ADD COLUMN amount_units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_totals ADD COLUMN advertiser_cost_units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_totals ADD COLUMN overrun_units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_totals ADD COLUMN corrected_units BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ledger_totals ADD COLUMN corrected_overrun_units BIGINT NOT NULL DEFAULT 0;
-- SQLite made a float of a sum that was too large; what can be saved of it is saved.
UPDATE ledger_totals SET
    amount_units = CAST(amount / 1000000000 AS BIGINT), amount = CAST(amount AS BIGINT) % 1000000000,
    advertiser_cost_units = CAST(advertiser_cost / 1000000000 AS BIGINT), advertiser_cost = CAST(advertiser_cost AS BIGINT) % 1000000000,
    overrun_units = CAST(overrun / 1000000000 AS BIGINT), overrun = CAST(overrun AS BIGINT) % 1000000000,
    corrected_units = CAST(corrected / 1000000000 AS BIGINT), corrected = CAST(corrected AS BIGINT) % 1000000000,
    corrected_overrun_units = CAST(corrected_overrun / 1000000000 AS BIGINT), corrected_overrun = CAST(corrected_overrun AS BIGINT) % 1000000000;

-- +goose Down
UPDATE ledger_totals SET amount = amount_units * 1000000000 + amount,
    advertiser_cost = advertiser_cost_units * 1000000000 + advertiser_cost,
    overrun = overrun_units * 1000000000 + overrun,
    corrected = corrected_units * 1000000000 + corrected,
    corrected_overrun = corrected_overrun_units * 1000000000 + corrected_overrun;
ALTER TABLE ledger_totals DROP COLUMN corrected_overrun_units;
ALTER TABLE ledger_totals DROP COLUMN corrected_units;
ALTER TABLE ledger_totals DROP COLUMN overrun_units;
ALTER TABLE ledger_totals DROP COLUMN advertiser_cost_units;
ALTER TABLE ledger_totals DROP COLUMN amount_units;
