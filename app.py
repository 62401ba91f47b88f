"""The app: navigation only. Start it with `cwb app`, `make app` or `streamlit run app.py`."""

from cwb.ui import navigation

navigation.run()
