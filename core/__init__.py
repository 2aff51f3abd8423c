"""The words everyone uses: errors, ids, time, actors, units of work, audit, background work, HTTP manners."""
