-- SPDX-License-Identifier: Apache-2.0
-- Working days of 2024 to 2026 by the State Council's notices (3.7); later years come in by CreateCalendarYear.
-- migrate:up
INSERT INTO calendar_year (tenant, year, notice) VALUES
	(1, 2024, '国办发明电〔2023〕7 号'),
	(1, 2025, '国办发明电〔2024〕12 号'),
	(1, 2026, '国办发明电〔2025〕7 号');

CREATE TEMPORARY TABLE holiday (label text, first date, last date) ON COMMIT DROP;
INSERT INTO holiday VALUES
	('元旦', '2024-01-01', '2024-01-01'), ('春节', '2024-02-10', '2024-02-17'), ('清明节', '2024-04-04', '2024-04-06'),
	('劳动节', '2024-05-01', '2024-05-05'), ('端午节', '2024-06-10', '2024-06-10'), ('中秋节', '2024-09-15', '2024-09-17'),
	('国庆节', '2024-10-01', '2024-10-07'),
	('元旦', '2025-01-01', '2025-01-01'), ('春节', '2025-01-28', '2025-02-04'), ('清明节', '2025-04-04', '2025-04-06'),
	('劳动节', '2025-05-01', '2025-05-05'), ('端午节', '2025-05-31', '2025-06-02'),
	('国庆节、中秋节', '2025-10-01', '2025-10-08'),
	('元旦', '2026-01-01', '2026-01-03'), ('春节', '2026-02-15', '2026-02-23'), ('清明节', '2026-04-04', '2026-04-06'),
	('劳动节', '2026-05-01', '2026-05-05'), ('端午节', '2026-06-19', '2026-06-21'), ('中秋节', '2026-09-25', '2026-09-27'),
	('国庆节', '2026-10-01', '2026-10-07');

CREATE TEMPORARY TABLE worked (day date) ON COMMIT DROP;
INSERT INTO worked VALUES
	('2024-02-04'), ('2024-02-18'), ('2024-04-07'), ('2024-04-28'), ('2024-05-11'), ('2024-09-14'), ('2024-09-29'),
	('2024-10-12'), ('2025-01-26'), ('2025-02-08'), ('2025-04-27'), ('2025-09-28'), ('2025-10-11'), ('2026-01-04'),
	('2026-02-14'), ('2026-02-28'), ('2026-05-09'), ('2026-09-20'), ('2026-10-10');

INSERT INTO workday (tenant, day, working, label)
SELECT 1, d::date, h.label IS NULL AND (w.day IS NOT NULL OR extract(isodow FROM d) < 6),
	coalesce(h.label, CASE WHEN w.day IS NOT NULL THEN '调休上班' ELSE '' END)
FROM generate_series('2024-01-01'::timestamp, '2026-12-31', '1 day') d
LEFT JOIN holiday h ON d::date BETWEEN h.first AND h.last
LEFT JOIN worked w ON w.day = d::date;

ANALYZE calendar_year, workday;
-- migrate:down
DELETE FROM workday WHERE tenant = 1;
DELETE FROM calendar_year WHERE tenant = 1;
