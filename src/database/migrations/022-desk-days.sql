-- What happened at the desk on the days that are over (UTC, days since 1970), counted once by the worker: what figures are
-- read from. `step`: a time of so many groups of ten minutes, where a figure is one. `summed`: all up to that day are here.
CREATE TABLE desk_days (
  site TEXT NOT NULL,
  day BIGINT NOT NULL,
  figure TEXT NOT NULL,
  step BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (site, day, figure, step)
);
-- A "no" that proved wrong is a release of a case that was decided before.
CREATE INDEX releases_spent ON releases (site, spent_at) WHERE spent_at IS NOT NULL;
