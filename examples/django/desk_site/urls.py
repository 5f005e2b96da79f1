"""The addresses of the pages."""

from django.contrib import admin
from django.urls import path

from helpdesk.views import due_times

urlpatterns = [path("", due_times), path("admin/", admin.site.urls)]
