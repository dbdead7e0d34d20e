"""A task sees the environment variables that it was granted by name, and no others.

    WEATHER_KEY=abc python examples/python/env/main.py
    ./capsule run examples/python/env/main.py --env WEATHER_KEY=abc

A value comes from the environment of whoever starts the task, else from the file .env in the
project's folder, which belongs to nobody's repository: .env.example shows what to put there.
"""

import os

from capsule import task


@task(env_variables=["WEATHER_KEY", "WEATHER_UNITS", "WEATHER_PROXY"])
def main() -> dict:
    key = os.environ.get("WEATHER_KEY")
    return {
        "has_key": key is not None,
        "units": os.environ.get("WEATHER_UNITS", "metric"),
        "proxy": os.environ.get("WEATHER_PROXY"),  # a variable that nobody has set is not there
        "sees": sorted(os.environ),
    }


if __name__ == "__main__":
    print(main())
