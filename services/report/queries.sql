-- SPDX-License-Identifier: Apache-2.0
-- rpc GetSummary load published
SELECT text FROM published_text WHERE tenant = :caller.tenant AND year = extract(year FROM :from::date);
-- rpc GetSummary ask IndicatorService/ListIndicators offers
-- rpc GetSummary ask IndicatorService/ListFigures figures

-- rpc PutPublishedText store
INSERT INTO published_text (tenant, year, text, recorded_by, recorded_at)
VALUES (:caller.tenant, :year, :text, :caller.id, :now)
ON CONFLICT (tenant, year) DO UPDATE SET text = excluded.text, recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at
 WHERE published_text.text <> excluded.text;
