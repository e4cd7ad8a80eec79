# Digit Lab as one container: docker build -t digit-lab . && docker run -p 8501:8501 digit-lab
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PORT=8501
WORKDIR /app

# The packages change seldom, and so this layer is built seldom.
# The image holds GPL code: the wheel of pillow-heif, which opens HEIC, bundles x265 (GPL-2.0).
# Whoever passes the image on must heed that, or leave pillow-heif out; the app runs without it.
COPY requirements.txt .
RUN pip install -r requirements.txt

COPY . .
RUN useradd --create-home --uid 1000 visitor && mkdir -p runs && chown -R visitor runs models
USER visitor

EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "deploy/health.py"]
CMD ["sh", "-c", "exec streamlit run app.py --server.address 0.0.0.0 --server.port $PORT --server.headless true"]
