"""Scrapy's settings, which spare servers; a crawl overrides some of them."""

BOT_NAME = "shrug"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"

# Who we are; a crawl adds the operator's own contact.
USER_AGENT = "shrug/0.1 (measures attention to outages; contact: set SHRUG_CONTACT)"
ROBOTSTXT_OBEY = True
# One at a time: requests inside the downloader would be sent during a pause.
CONCURRENT_REQUESTS = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0

DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5
RETRY_TIMES = 2
# RetryAfterMiddleware handles 429 and 503.
RETRY_HTTP_CODES = [500, 502, 504, 522, 524, 408]
HTTPERROR_ALLOW_ALL = True
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False

# Documents that seldom change are requested with If-None-Match or If-Modified-Since.
HTTPCACHE_ENABLED = True
HTTPCACHE_POLICY = "crawler.middlewares.RevalidationPolicy"
HTTPCACHE_EXPIRATION_SECS = 30 * 24 * 3600

# Before all others, so that not even robots.txt of a private address is requested.
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.PrivateAddressMiddleware": 50,
    "crawler.middlewares.RetryAfterMiddleware": 545,
    # Next to the downloader, since a cached response has an old date.
    "crawler.middlewares.ClockSkewMiddleware": 950,
}
ITEM_PIPELINES = {"crawler.pipelines.StorePipeline": 100}
# Failures are returned as Trouble and reported once by the command.
LOG_LEVEL = "CRITICAL"
